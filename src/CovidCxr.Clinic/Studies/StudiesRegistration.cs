using CovidCxr.Platform.Jobs;
using Microsoft.Extensions.DependencyInjection;

namespace CovidCxr.Clinic.Studies;

static class StudiesRegistration
{
    public static IServiceCollection AddStudies(this IServiceCollection services) => services
        .AddSingleton<DecodedScans>()
        .AddSingleton<StoredScans>()
        .AddSingleton<SmallFilms>()
        .AddSingleton<ImportStudy>()
        .AddSingleton<SubmitStudy>()
        .AddSingleton<AddStudyImage>()
        .AddSingleton<ListStudies>()
        .AddSingleton<GetStudy>()
        .AddSingleton<RevealedStudies>()
        .AddSingleton<GetPixels>()
        .AddSingleton<GetHeatMap>()
        .AddSingleton<GetStudyThumbnail>()
        .AddSingleton<DemandScore>()
        .AddSingleton<GetSeverityCourse>()
        .AddScoped<IJobHandler, AnalyseStudy>()
        .AddSingleton<SeedPhantomStudies>()
        .AddSingleton<FilmCopies>()
        .AddSingleton<DescribeStudies>()
        .AddSingleton<SweepImages>();
}
