// A plugin of typedoc: the page of a folder is called by the folder, and the module by what a reader looks for.
import { Converter, ReflectionKind } from "typedoc";

export const load = (app) =>
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    for (const page of project.getReflectionsByKind(ReflectionKind.Document))
      page.name = page.name.replace("examples/README", "examples/all").replace("/README", "");
    for (const module of project.getReflectionsByKind(ReflectionKind.Module)) module.name = "API";
  });
