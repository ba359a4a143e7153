using Microsoft.Extensions.DependencyInjection;

namespace CovidCxr.Clinic.Readings;

static class ReadingsRegistration
{
    public static IServiceCollection AddReadings(this IServiceCollection services) => services
        .AddSingleton<StudyChanges>()
        .AddSingleton<Disclosures>()
        .AddSingleton<Drafts>()
        .AddSingleton<RecordReading>();
}
