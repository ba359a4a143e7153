using Microsoft.Extensions.DependencyInjection;

namespace CovidCxr.Clinic.Corrections;

static class CorrectionsRegistration
{
    public static IServiceCollection AddCorrections(this IServiceCollection services) => services
        .AddSingleton<StudyCorrections>()
        .AddSingleton<MovedReferences>()
        .AddSingleton<MovedNotes>()
        .AddSingleton<ChangeStudy>()
        .AddSingleton<MergePatients>()
        .AddSingleton<CorrectPatient>()
        .AddSingleton<TakeOutImage>()
        .AddSingleton<UndoChange>();
}
