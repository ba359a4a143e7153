using CovidCxr.Platform.Nodes;
using Microsoft.Extensions.DependencyInjection;

namespace CovidCxr.Hospital.Inbox;

static class InboxRegistration
{
    public static IServiceCollection AddInbox(this IServiceCollection services)
    {
        services.AddHealthChecks().AddCheck<ReceiverHealth>("dicom-receiver");
        return services
            .AddSingleton<ReceivedFiles>()
            .AddSingleton<InboxRoom>()
            .AddSingleton<ReceiveByWeb>()
            .AddSingleton<FileReceived>()
            .AddSingleton(p => new ReceiverState { IsElsewhere = !p.GetRequiredService<ThisNode>().Is(NodeRoles.Worker) })
            .AddSingleton<GetReceiver>()
            .AddSingleton<ListReceived>()
            .AddSingleton<AnswerReceived>()
            .AddSingleton<InboxWorker>()
            .AddSingleton<DicomReceiver>();
    }
}
