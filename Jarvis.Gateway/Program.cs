return await Jarvis.ServiceDefaults.ServiceProgram.RunAsync(args, static args => Jarvis.Gateway.GatewayApp.Create(args));
