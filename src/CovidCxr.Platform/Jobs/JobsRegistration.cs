using CovidCxr.Platform.Configuration;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace CovidCxr.Platform.Jobs;

static class JobsRegistration
{
    public static IServiceCollection AddJobs(this IServiceCollection services, IConfiguration configuration) => services
        .AddValidatedOptions<JobOptions, JobOptionsValidator>(configuration, JobOptions.Section)
        .AddSingleton<JobQueue>();
}
