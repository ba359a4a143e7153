using CovidCxr.Platform.Configuration;
using CovidCxr.Storage.Nodes;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace CovidCxr.Platform.Nodes;

static class NodesRegistration
{
    public static IServiceCollection AddNodes(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddHealthChecks().AddCheck<NodeHealth>("program");
        return services
            .AddValidatedOptions<NodeOptions, NodeOptionsValidator>(configuration, NodeOptions.Section)
            .AddSingleton<IValidateOptions<NodeOptions>, NodeRolesOnSqlite>()
            .AddSingleton<ThisNode>().AddSingleton<NodeConnection>().AddSingleton<OneAtWork>()
            .AddSingleton<NodeNews>().AddSingleton<NodePresence>();
    }
}
