using Microsoft.Extensions.DependencyInjection;

namespace CovidCxr.Clinic.Exports;

static class ExportsRegistration
{
    public static IServiceCollection AddExports(this IServiceCollection services) => services
        .AddSingleton<ExportCases>()
        .AddSingleton<ExportRegistry>()
        .AddSingleton<DescribePeriod>()
        .AddSingleton<FilmCheck>()
        .AddSingleton<FilmPack>()
        .AddSingleton<PlanFilmExport>()
        .AddSingleton<ExportFilms>();
}
