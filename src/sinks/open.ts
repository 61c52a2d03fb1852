import type { SinkPlan } from '#src/core/sink-plan.ts'
import { FileSink } from './file.ts'
import { ModuleSink } from './module.ts'
import { OtlpSink } from './otlp.ts'
import type { Outlet } from './relays.ts'
import type { Sink } from './sink.ts'
import type { SinkSurroundings } from './surroundings.ts'
import { WebhookSink } from './webhook.ts'

/** Makes the sinks that are set, and loads the operator's own; nothing is sent yet, and nobody need be there. Throws `Refusal` where one cannot be. */
export async function openSinks(plans: readonly SinkPlan[], world: SinkSurroundings): Promise<readonly Outlet[]> {
  return await Promise.all(plans.map(async (plan) => ({ sink: await sinkOf(plan, world), filter: plan.filter })))
}

async function sinkOf(plan: SinkPlan, world: SinkSurroundings): Promise<Sink> {
  switch (plan.kind) {
    case 'otlp':
      return new OtlpSink(plan, world)
    case 'webhook':
      return new WebhookSink(plan, world)
    case 'file':
      return new FileSink(plan)
    case 'module':
      return await ModuleSink.open(plan)
  }
}
