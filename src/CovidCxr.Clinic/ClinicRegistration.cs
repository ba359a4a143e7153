using CovidCxr.Clinic.Acceptance;
using CovidCxr.Clinic.Adjudication;
using CovidCxr.Clinic.Answers;
using CovidCxr.Clinic.Comparison;
using CovidCxr.Clinic.Corrections;
using CovidCxr.Clinic.Demonstration;
using CovidCxr.Clinic.Drift;
using CovidCxr.Clinic.Exports;
using CovidCxr.Clinic.Incidents;
using CovidCxr.Clinic.Patients;
using CovidCxr.Clinic.Policies;
using CovidCxr.Clinic.Readings;
using CovidCxr.Clinic.References;
using CovidCxr.Clinic.Shadow;
using CovidCxr.Clinic.Studies;
using CovidCxr.Clinic.Worklist;
using Microsoft.Extensions.DependencyInjection;

namespace CovidCxr.Clinic;

public static class ClinicRegistration
{
    /// <summary>What reads films of patients. Needs the platform and the engine.</summary>
    public static IServiceCollection AddCovidCxrClinic(this IServiceCollection services) => services
        .AddStudies()
        .AddWorklist()
        .AddPatients()
        .AddCorrections()
        .AddReadings()
        .AddPolicies()
        .AddAnswers()
        .AddReferences()
        .AddComparison()
        .AddAcceptance()
        .AddShadow()
        .AddAdjudication()
        .AddDrift()
        .AddExports()
        .AddIncidents()
        .AddDemonstration();

    /// <summary>Lets this process look for alerts, and keep its folder in order.</summary>
    public static IServiceCollection AddCovidCxrWatches(this IServiceCollection services) =>
        services.AddHostedService<AlertWatch>().AddHostedService<Upkeep>();
}
