import { Module, type MiddlewareConsumer, type NestModule } from '@nestjs/common';
import { SourceController } from './source.controller.js';
import { StaticFiles } from './static-files.js';

/** The page itself. Nothing here is about the library. */
@Module({ controllers: [SourceController], providers: [StaticFiles] })
export class PageModule implements NestModule {
  configure(consumer: MiddlewareConsumer): void {
    consumer.apply(StaticFiles).forRoutes('{*path}');
  }
}
