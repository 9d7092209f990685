import {
  Allow,
  IsInt,
  IsObject,
  IsOptional,
  IsPositive,
  IsBoolean,
  IsString,
  Length,
  Max,
  ValidateIf,
} from 'class-validator';
import type { Since } from '../protocol/client-frames.js';
import type { JsonObject, JsonValue } from '../protocol/json.js';
import { IsClientMetadata, IsGiven, IsName, IsPosition, IsSince } from './frame.rules.js';

/** Largest `limit` of a client's `history` request. */
export const MAX_CLIENT_HISTORY = 300;

/** Body of `subscribe_channel`. */
export class SubscribeChannelDto {
  @IsName()
  channel: string;

  @IsOptional()
  @IsObject()
  @IsClientMetadata()
  metadata?: JsonObject;

  @IsOptional()
  @IsSince()
  since?: Since;

  @IsOptional()
  @IsBoolean()
  presence?: boolean;
}

/** Body of `unsubscribe_channel`. */
export class UnsubscribeChannelDto {
  @IsName()
  channel: string;
}

/** Body of `channel_message`; `content` is another name of `message`. */
export class ChannelMessageDto {
  @IsName()
  channel: string;

  @ValidateIf((frame: ChannelMessageDto) => frame.content === undefined)
  @IsGiven()
  message?: JsonValue;

  @Allow()
  content?: JsonValue;

  @IsOptional()
  @IsString()
  @Length(1, 128)
  event?: string;

  @IsOptional()
  @IsString()
  @Length(1, 128)
  idempotencyKey?: string;

  @IsOptional()
  @IsBoolean()
  volatile?: boolean;
}

/** Body of `broadcast`. */
export class BroadcastDto {
  @IsGiven()
  message: JsonValue;
}

/** Body of `private`; `recipient` is another name of `to`. */
export class PrivateDto {
  @ValidateIf((frame: PrivateDto) => frame.recipient === undefined)
  @IsName()
  to: string;

  @IsOptional()
  @IsName()
  recipient?: string;

  @IsGiven()
  message: JsonValue;
}

/** Body of `group`; `group` is another name of `room`. */
export class GroupDto {
  @ValidateIf((frame: GroupDto) => frame.group === undefined)
  @IsName()
  room: string;

  @IsOptional()
  @IsName()
  group?: string;

  @IsGiven()
  message: JsonValue;
}

/** Longest token a client may send, in characters. */
const MAX_TOKEN = 8192;

/** Body of `refresh`. */
export class RefreshDto {
  @IsString()
  @Length(1, MAX_TOKEN)
  token: string;
}

/** Body of `presence_update`. */
export class PresenceUpdateDto {
  @IsObject()
  @IsClientMetadata()
  metadata: JsonObject;
}

/** Body of `history`. */
export class HistoryDto {
  @IsName()
  channel: string;

  @IsOptional()
  @IsInt()
  @IsPositive()
  @Max(MAX_CLIENT_HISTORY)
  limit?: number;

  @IsOptional()
  @IsPosition()
  since?: { offset: number; epoch: string };

  @IsOptional()
  @IsBoolean()
  reverse?: boolean;
}
