using CovidCxr.Domain.Accounts;
using Microsoft.AspNetCore.Authorization;

namespace CovidCxr.Web.Shared.Security;

/// <summary>Who may do what, by name. Without a policy of its own, a page or endpoint needs a signed-in person.</summary>
public static class AccessPolicies
{
    public const string ViewStudies = "view-studies";
    public const string UploadStudies = "upload-studies";
    public const string CompareReaders = "compare-readers";
    public const string EnterReferences = "enter-references";
    public const string SetPolicy = "set-policy";
    public const string ExportFilms = "export-films";
    public const string AcceptModels = "accept-models";
    public const string AnswerMessages = "answer-messages";
    public const string Administer = "administer";

    public static void Configure(AuthorizationOptions options)
    {
        options.FallbackPolicy = new AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build();
        options.AddPolicy(ViewStudies, p => p.RequireRole(Role.Radiologist, Role.DepartmentLead));
        options.AddPolicy(UploadStudies, p => p.RequireRole(Role.Radiologist));
        options.AddPolicy(CompareReaders, p => p.RequireRole(Role.Radiologist, Role.DepartmentLead));
        options.AddPolicy(EnterReferences, p => p.RequireRole(Role.DepartmentLead));
        options.AddPolicy(SetPolicy, p => p.RequireRole(Role.DepartmentLead));
        options.AddPolicy(ExportFilms, p => p.RequireRole(Role.DepartmentLead));
        options.AddPolicy(AcceptModels, p => p.RequireRole(Role.DepartmentLead, Role.Admin));
        options.AddPolicy(AnswerMessages, p => p.RequireRole(Role.DepartmentLead, Role.Admin));
        options.AddPolicy(Administer, p => p.RequireRole(Role.Admin));
    }
}
