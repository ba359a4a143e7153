using System.Globalization;
using System.Security.Claims;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Platform.Accounts;
using CovidCxr.Platform.Audit;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.AspNetCore.Identity;
using Microsoft.IdentityModel.JsonWebTokens;

namespace CovidCxr.Web.Shared.Security;

/// <summary>Somebody comes back from an identity provider: to sign in, to link an account, or asked again who they are.</summary>
static class ProviderAnswer
{
    /// <summary>In the state, which the provider hands back unread: the session that links its account, and no other may.</summary>
    public const string LinkKey = "link";

    /// <summary>In the state likewise: the question of <see cref="ConfirmByProvider"/>.</summary>
    public const string QuestionKey = "question";

    const string IdToken = "id_token";

    public static OpenIdConnectEvents EventsFor(ProviderOptions provider) => new()
    {
        OnMessageReceived = context => CheckSenderAsync(context, provider),
        OnTokenValidated = context =>
        {
            var token = new JsonWebToken(context.TokenEndpointResponse!.IdToken);
            // The framework lets a token that came from server to server go unsigned.
            if (!IdentityProviders.Algorithms.Contains(token.Alg) || token.EncodedSignature.Length == 0)
            {
                context.Fail("The token is not signed as it must be.");
            }
            else if (token.Azp is { Length: > 0 } party && party != provider.ClientId)
            {
                // Of several audiences one asked for the token.
                context.Fail("The token was asked for by another program.");
            }

            context.Properties!.StoreTokens([new() { Name = IdToken, Value = token.EncodedToken }]);
            return Task.CompletedTask;
        },
        OnTicketReceived = context => ReceiveAsync(context, provider),
        OnAccessDenied = context =>
        {
            context.HandleResponse();
            return RefuseAsync(context.HttpContext, provider, ProviderRefusal.Cancelled, "cancelled", context.Properties);
        },
        OnRemoteFailure = context =>
        {
            context.HandleResponse();
            var kind = context.Failure?.InnerException?.GetType().Name ?? context.Failure?.GetType().Name ?? "nothing";
            return RefuseAsync(context.HttpContext, provider, ProviderRefusal.Failed, kind, context.Properties);
        },
    };

    /// <summary>The page that says why nobody was signed in, by a relative address.</summary>
    public static string PageOf(ProviderRefusal refusal, ProviderOptions provider, string? returnUrl, bool isLink = false) => isLink
        ? $"account/providers?Refused={refusal}&Provider={provider.Id}"
        : $"account/sign-in?Refused={refusal}&Provider={provider.Id}&ReturnUrl={Uri.EscapeDataString(returnUrl ?? "")}";

    // RFC 9207: an answer says whose it is, so that a bad provider cannot pass a good one's off as its own.
    static async Task CheckSenderAsync(MessageReceivedContext context, ProviderOptions provider)
    {
        if (!HttpMethods.IsGet(context.Request.Method))
        {
            context.Fail("The answer came as a form.");
            return;
        }

        var metadata = await IdentityProviders.ReadMetadataAsync(context.HttpContext, provider);
        var sender = context.ProtocolMessage.Iss;
        if (metadata is null || (sender is null ? metadata.AuthorizationResponseIssParameterSupported == true : sender != metadata.Issuer))
        {
            context.Fail(metadata is null ? "The provider does not answer." : "The answer is of another provider.");
        }
    }

    static async Task ReceiveAsync(TicketReceivedContext context, ProviderOptions provider)
    {
        context.HandleResponse();
        var http = context.HttpContext;
        // The framework looks at the session only after this.
        http.User = (await http.AuthenticateAsync(IdentityConstants.ApplicationScheme)).Principal ?? new();
        if (Read(context, provider) is not { } identity)
        {
            await RefuseAsync(http, provider, ProviderRefusal.Failed, "no subject", context.Properties);
            return;
        }

        var isLink = context.Properties!.Items.TryGetValue(LinkKey, out var session);
        var hasSignedIn = AskAnew.AskedAt(context.Properties) is { } asked
            ? identity.HasSignedInSince(asked, http.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow())
            : null;
        if (context.Properties.Items.TryGetValue(QuestionKey, out var question))
        {
            await ConfirmAsync(http, identity, Guid.Parse(question!), context.ReturnUri);
        }
        else if (hasSignedIn == false)
        {
            await RefuseAsync(http, provider, ProviderRefusal.NotAskedAgain, "not asked again", context.Properties);
        }
        else if (isLink)
        {
            await LinkAsync(http, identity, session!);
        }
        else
        {
            var result = await http.RequestServices.GetRequiredService<ProviderSignIn>().RunAsync(identity, RateLimits.AddressOf(http));
            if (result.Refusal is { } refusal)
            {
                Tell(http, provider, refusal, context.Properties, context.ReturnUri);
                return;
            }

            http.Response.Redirect(result.NeedsCode
                ? $"{http.Request.PathBase}/account/code?ReturnUrl={Uri.EscapeDataString(context.ReturnUri ?? "")}"
                : LocalAddress.Of(context.ReturnUri, http.Request.PathBase));
        }
    }

    static async Task LinkAsync(HttpContext http, ProviderIdentity identity, string session)
    {
        var refusal = Sessions.IdOf(http.User) is { } open && $"{open}" == session
            ? await http.RequestServices.GetRequiredService<ProviderLink>().CompleteAsync(identity, http.User.ToActor())
            : ProviderRefusal.OtherSession;
        http.Response.Redirect($"{http.Request.PathBase}/" + (refusal is { } why
            ? PageOf(why, identity.Provider, null, isLink: true)
            : "account/providers"));
    }

    static async Task ConfirmAsync(HttpContext http, ProviderIdentity identity, Guid question, string? returnUri)
    {
        var refusal = http.User.Identity?.IsAuthenticated == true
            ? await http.RequestServices.GetRequiredService<ConfirmByProvider>().CompleteAsync(identity, question, http.User.ToActor())
            : ProviderRefusal.OtherSession;
        http.Response.Redirect(refusal is { } why
            ? $"{http.Request.PathBase}/" + PageOf(why, identity.Provider, null, isLink: true)
            : LocalAddress.Of(returnUri, http.Request.PathBase));
    }

    static ProviderIdentity? Read(TicketReceivedContext context, ProviderOptions provider)
    {
        var person = context.Principal!;
        var (subject, session) = (person.FindFirstValue("sub"), person.FindFirstValue("sid"));
        return string.IsNullOrEmpty(subject) || subject.Length > 255 || session?.Length > AccountSession.MaxProviderSessionLength
            ? null
            : new(
                provider, subject, session, person.FindFirstValue(provider.NameClaim),
                [.. person.FindAll(provider.GroupsClaim).Select(c => c.Value)],
                person.FindAll(provider.SecondFactorClaim).Any(c => provider.SecondFactorValues.Contains(c.Value)),
                context.Properties!.GetTokenValue(IdToken), TimeOf(person.FindFirstValue("auth_time")));
    }

    // A provider that does not know says 0.
    static DateTimeOffset? TimeOf(string? seconds) =>
        long.TryParse(seconds, NumberStyles.None, CultureInfo.InvariantCulture, out var at)
            && at > 0 && at < DateTimeOffset.MaxValue.ToUnixTimeSeconds()
            ? DateTimeOffset.FromUnixTimeSeconds(at)
            : null;

    // What kind of wrong it was stands in the log; nothing of what was sent does.
    static async Task RefuseAsync(
        HttpContext http, ProviderOptions provider, ProviderRefusal refusal, string kind, AuthenticationProperties? properties)
    {
        var services = http.RequestServices;
        services.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(ProviderAnswer))
            .LogWarning("A sign-in by the provider {Provider} was refused: {Kind}.", provider.Id, kind);
        await services.GetRequiredService<AuditLog>().RecordAsync(
            null, AuditAction.SignIn, AuditOutcome.Refused, detail: $"{kind}, by {provider.Id}",
            source: RateLimits.AddressOf(http));
        Tell(http, provider, refusal, properties);
    }

    static void Tell(
        HttpContext http, ProviderOptions provider, ProviderRefusal refusal, AuthenticationProperties? properties,
        string? returnUrl = null) =>
        http.Response.Redirect($"{http.Request.PathBase}/" + PageOf(
            refusal, provider, returnUrl ?? properties?.RedirectUri,
            properties is { Items: var items } && (items.ContainsKey(LinkKey) || items.ContainsKey(QuestionKey))));
}
