using Microsoft.Extensions.DependencyInjection;

namespace CovidCxr.Hospital.Fhir;

static class FhirRegistration
{
    public static IServiceCollection AddFhir(this IServiceCollection services) =>
        services.AddSingleton<FhirClient>().AddSingleton<AskFhirServer>();
}
