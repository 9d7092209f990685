import { IsBoolean, IsInt, IsOptional, IsString, Length, Min } from 'class-validator';

/** Body of the validated echo. */
export class EchoDto {
  @IsString()
  @Length(1, 200)
  text: string;

  @IsInt()
  @Min(0)
  seq: number;

  @IsOptional()
  @IsBoolean()
  urgent?: boolean;
}

/** The same strictness for every peer: unknown keys are an error. */
export const RULES = { whitelist: true, forbidNonWhitelisted: true, forbidUnknownValues: true };
