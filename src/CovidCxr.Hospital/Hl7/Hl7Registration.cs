using CovidCxr.Platform.Nodes;
using Microsoft.Extensions.DependencyInjection;

namespace CovidCxr.Hospital.Hl7;

static class Hl7Registration
{
    public static IServiceCollection AddHl7(this IServiceCollection services)
    {
        services.AddHealthChecks().AddCheck<MessageReceiverHealth>("hl7-receiver");
        return services
            .AddSingleton(p => new MessageReceiverState { IsElsewhere = !p.GetRequiredService<ThisNode>().Is(NodeRoles.Worker) })
            .AddSingleton<ApplyMessage>()
            .AddSingleton<TakeMessage>()
            .AddSingleton<AnswerMessage>()
            .AddSingleton<ListMessages>()
            .AddSingleton<GetMessageReceiver>()
            .AddSingleton<Hl7Receiver>()
            .AddSingleton<MllpClient>();
    }
}
