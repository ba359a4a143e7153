using Microsoft.Extensions.DependencyInjection;

namespace CovidCxr.Clinic.Patients;

static class PatientsRegistration
{
    public static IServiceCollection AddPatients(this IServiceCollection services) => services
        .AddSingleton<GetPatient>()
        .AddSingleton<WriteTherapyNote>()
        .AddSingleton<StrikeTherapyNote>();
}
