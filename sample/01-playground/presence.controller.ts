import { Controller, Get, NotFoundException, Param, Query } from '@nestjs/common';
import { PresenceService } from '@hauyna/nestjs';

/** The services are plain providers: a REST endpoint asks them like anybody else. */
@Controller('presence')
export class PresenceController {
  constructor(private readonly presence: PresenceService) {}

  /** GET /presence?channel=general&status=online */
  @Get()
  list(@Query('channel') channel?: string, @Query('group') group?: string, @Query('status') status?: string) {
    return this.presence.listBy({
      ...(channel && { channel }),
      ...(group && { group }),
      ...(status && { status }),
    });
  }

  /** GET /presence/ana */
  @Get(':user')
  async one(@Param('user') user: string) {
    const entry = await this.presence.get(user);
    if (entry === undefined) throw new NotFoundException(`${user} is not here.`);
    return entry;
  }
}
