using CovidCxr.Domain.Studies;
using Microsoft.Extensions.DependencyInjection;

namespace CovidCxr.Clinic.References;

static class ReferencesRegistration
{
    public static IServiceCollection AddReferences(this IServiceCollection services) => services
        .AddSingleton<RecordReference>()
        .AddSingleton<ImportReferences>()
        .AddSingleton<SubmitReferences>()
        .AddSingleton<SelectTrainingTruth>()
        .AddSingleton<Pseudonyms>()
        .AddSingleton<IClinicFilms, ClinicFilms>();
}
