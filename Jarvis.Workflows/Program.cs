return await Jarvis.ServiceDefaults.ServiceProgram.RunAsync(args, static args => Jarvis.Workflows.WorkflowsApp.Create(args));
