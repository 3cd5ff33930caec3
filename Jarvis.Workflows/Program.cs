return await Jarvis.ServiceDefaults.ServiceProgram.RunAsync(args, Jarvis.Workflows.WorkflowsApp.Create);
