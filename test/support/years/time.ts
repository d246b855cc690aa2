import type { Engine, Project, RunOptions, State } from "../engine/types";
import { agedBy } from "./aged";

/**
 * How time passes for a stack. On the stand-in a clock goes on. Pulumi's own engine and its providers keep the real time: there
 * the state ages.
 */
export class Time {
  private movedMs = 0;

  constructor(
    private readonly engine: Engine,
    private readonly project: Project,
  ) {}

  get now(): Date {
    return new Date(Date.now() + this.movedMs);
  }

  /** The time, for a run. */
  get options(): Pick<RunOptions, "now"> {
    return this.engine.kind === "stand-in" ? { now: this.now } : {};
  }

  /** Lets hours pass. Gives the state as it is then, with its secrets shown. */
  async pass(hours: number): Promise<State> {
    const state = await this.project.exportState({ showSecrets: true });
    if (this.engine.kind === "stand-in") {
      this.movedMs += hours * 3_600_000;
      return state;
    }
    const aged = agedBy(state, hours);
    await this.project.importState(aged);
    return aged;
  }
}
