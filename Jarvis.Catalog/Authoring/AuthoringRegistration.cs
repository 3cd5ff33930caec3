using Jarvis.Catalog.Authoring;
using Jarvis.Catalog.Library;

namespace Microsoft.Extensions.Hosting;

public static class AuthoringRegistration
{
    /// <summary>Agents made here: their store, and their source beside the folders. After <c>AddPostgresSchema</c>, before <c>AddLibrary</c>.</summary>
    public static WebApplicationBuilder AddAuthoring(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<AuthoringOptions>().BindConfiguration("Authoring").ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSingleton<AgentStore>();
        builder.Services.AddSingleton<AgentWriter>();
        builder.Services.AddSingleton<AgentDesk>();
        builder.Services.AddSingleton<MadeAgents>();
        builder.Services.AddSingleton<IExtraSource>(services => services.GetRequiredService<MadeAgents>());
        builder.Services.AddHostedService<MadeAgentsSync>();
        return builder;
    }
}
