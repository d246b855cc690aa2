import type { Engine, Project } from "../engine/engine";
import { yamlProgram } from "./programs";
import { type Declared, openRbacProject } from "./rbac-project";

/** A program with one EtcdRbac, and what it declares. */
export interface OpenProgram {
  project: Project;
  declare(declared: Declared): void;
}

type Open = (engine: Engine, name: string, declared: Declared) => Promise<OpenProgram>;

/** The two ways in which Pulumi reaches this package: within the program, and as a plugin. */
export const LANGUAGES: Record<string, Open> = {
  "Node.js": async (engine, name, declared) => {
    const project = await openRbacProject(engine, name, declared);
    return { project, declare: project.declare };
  },
  YAML: async (engine, name, declared) => {
    const program = await yamlProgram(`${name}-yaml`);
    program.declare(declared);
    return { project: await engine.open(program.directory), declare: program.declare };
  },
};
