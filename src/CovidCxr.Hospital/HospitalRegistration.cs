using CovidCxr.Hospital.Delivery;
using CovidCxr.Hospital.Fhir;
using CovidCxr.Hospital.Hl7;
using CovidCxr.Hospital.Inbox;
using CovidCxr.Hospital.Peers;
using CovidCxr.Hospital.Priors;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace CovidCxr.Hospital;

public static class HospitalRegistration
{
    /// <summary>The hospital's network. Needs the clinic and the platform.</summary>
    public static IServiceCollection AddCovidCxrHospital(this IServiceCollection services, IConfiguration configuration) =>
        services.AddPeers(configuration).AddInbox().AddPriors().AddFhir().AddHl7().AddDelivery();

    /// <summary>Lets this process receive and send, where the configuration says so, and file what was received.</summary>
    public static IServiceCollection AddCovidCxrReceiver(this IServiceCollection services) => services
        .AddHostedService(p => p.GetRequiredService<InboxWorker>())
        .AddHostedService(p => p.GetRequiredService<DicomReceiver>())
        .AddHostedService(p => p.GetRequiredService<Hl7Receiver>())
        .AddHostedService(p => p.GetRequiredService<DeliveryWorker>());
}
