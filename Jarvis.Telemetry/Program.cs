return await Jarvis.ServiceDefaults.ServiceProgram.RunAsync(args, Jarvis.Telemetry.TelemetryApp.Create);
