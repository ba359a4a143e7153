using CovidCxr.Platform.Configuration;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace CovidCxr.Platform.Webhooks;

static class WebhooksRegistration
{
    public static IServiceCollection AddWebhooks(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddHealthChecks().AddCheck<WebhookHealth>("webhooks");
        return services
            .AddValidatedOptions<WebhookOptions, WebhookOptionsValidator>(configuration, WebhookOptions.Section)
            .AddSingleton<QueueWebhooks>()
            .AddSingleton<SendWebhook>()
            .AddSingleton<WebhookWorker>()
            .AddSingleton<ListWebhooks>()
            .AddSingleton<ControlWebhook>()
            .AddSingleton<SwitchWebhooks>();
    }
}
