return await Jarvis.ServiceDefaults.ServiceProgram.RunAsync(args, static args => Jarvis.Catalog.CatalogApp.Create(args));
