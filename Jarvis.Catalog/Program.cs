await using var app = Jarvis.Catalog.CatalogApp.Create(args);
await app.RunAsync();
