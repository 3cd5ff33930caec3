await using var app = Jarvis.Gateway.GatewayApp.Create(args);
await app.RunAsync();
