import { UsePipes, ValidationPipe } from '@nestjs/common';
import { MessageBody, SubscribeMessage, WsException } from '@nestjs/websockets';
import { EchoDto, RULES } from './echo.dto.js';

/** The handlers of a plain Nest gateway, as its documentation writes them. */
export class EchoHandlers {
  @SubscribeMessage('echo')
  echo(@MessageBody() body: unknown): unknown {
    return { event: 'echo', data: body };
  }

  @SubscribeMessage('echo_dto')
  @UsePipes(
    new ValidationPipe({
      ...RULES,
      transform: true,
      exceptionFactory: (errors) => new WsException(errors.map(String)),
    }),
  )
  echoDto(@MessageBody() body: EchoDto): unknown {
    return { event: 'echo_dto', data: body };
  }
}
