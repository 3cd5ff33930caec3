return await Jarvis.ServiceDefaults.ServiceProgram.RunAsync(args, static args => Jarvis.Telemetry.TelemetryApp.Create(args));
