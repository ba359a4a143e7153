using Microsoft.Extensions.DependencyInjection;

namespace CovidCxr.Clinic.Worklist;

static class WorklistRegistration
{
    public static IServiceCollection AddWorklist(this IServiceCollection services) => services
        .AddSingleton<MarkUrgent>()
        .AddSingleton<AssignStudies>()
        .AddSingleton<DrawFilms>()
        .AddSingleton<FindNextStudy>()
        .AddSingleton<SavedFilters>();
}
