import { Catch, Logger, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { FrameContext } from './frame-context.js';

/**
 * Catches what no filter of the application caught and leaves it on the frame, where the router turns it into
 * exactly one error frame. Nest's own filter would send an answer without the request's id, and the
 * client's payload with it.
 */
@Catch()
export class LastResortFilter implements ExceptionFilter {
  private readonly logger = new Logger('Hauyna');

  catch(exception: unknown, host: ArgumentsHost): void {
    const frame: unknown = host.getArgByIndex(2);
    if (FrameContext.is(frame)) frame.failure = { error: exception };
    else this.logger.error(exception);
  }
}
