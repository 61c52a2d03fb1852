import type { ModulePlan, SinkPlan } from '#src/core/sink-plan.ts'
import { FileSink } from './file.ts'
import { OtlpSink } from './otlp.ts'
import type { Outlet } from './relays.ts'
import type { Sink } from './sink.ts'
import type { SinkSurroundings } from './surroundings.ts'
import { WebhookSink } from './webhook.ts'

/** Makes the sinks that are the house's own; nothing is sent yet, and nobody need be there. Throws `Refusal` where one may not be. */
export function openSinks(plans: readonly Exclude<SinkPlan, ModulePlan>[], world: SinkSurroundings): readonly Outlet[] {
  return plans.map((plan) => ({ sink: sinkOf(plan, world), filter: plan.filter }))
}

function sinkOf(plan: Exclude<SinkPlan, ModulePlan>, world: SinkSurroundings): Sink {
  switch (plan.kind) {
    case 'otlp':
      return new OtlpSink(plan, world)
    case 'webhook':
      return new WebhookSink(plan, world)
    case 'file':
      return new FileSink(plan)
  }
}
