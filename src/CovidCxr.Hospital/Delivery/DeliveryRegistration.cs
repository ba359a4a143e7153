using Microsoft.Extensions.DependencyInjection;

namespace CovidCxr.Hospital.Delivery;

static class DeliveryRegistration
{
    public static IServiceCollection AddDelivery(this IServiceCollection services)
    {
        services.AddHealthChecks().AddCheck<DeliveryHealth>("hospital-results");
        return services
            .AddSingleton<StoreScu>()
            .AddSingleton<StoreFhir>()
            .AddSingleton<StoreHl7>()
            .AddSingleton<MakeResult>()
            .AddSingleton<QueueResults>()
            .AddSingleton<SendResult>()
            .AddSingleton<GetDestinations>()
            .AddSingleton<ListResults>()
            .AddSingleton<ControlResult>()
            .AddSingleton<SwitchDestination>()
            .AddSingleton<DeliveryWorker>();
    }
}
