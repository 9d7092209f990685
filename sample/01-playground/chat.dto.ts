import { IsBoolean, IsInt, IsString, Length, Matches, MaxLength, Min } from 'class-validator';

export class SayDto {
  @IsString()
  @Length(1, 500)
  text: string;
}

export class RoomDto {
  @IsString()
  @Length(1, 24)
  @Matches(/^[\p{L}\p{N}][\p{L}\p{N}_-]*$/u, { message: 'room may have letters, digits, - and _' })
  room: string;
}

export class MemberDto {
  @IsString()
  @Length(1, 64)
  userId: string;
}

export class PinDto extends RoomDto {
  @IsString()
  @MaxLength(200)
  text: string;
}

export class BotDto {
  @IsBoolean()
  on: boolean;
}

export class CountDto {
  /** One sender from its first number to its last. */
  @IsString()
  @Length(1, 64)
  run: string;

  @IsInt()
  @Min(1)
  n: number;
}
