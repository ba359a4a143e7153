using Bunit;
using CovidCxr.Clinic.Comparison;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Studies;
using CovidCxr.Testing;
using CovidCxr.Web.Shared.Agreement;
using CovidCxr.Web.Tests.Features.Clinic.Readings;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.Extensions.DependencyInjection;

namespace CovidCxr.Web.Tests.Shared.Agreement;

/// <summary>One question, one answer, the newest.</summary>
public sealed class FilteredPageTests : BunitContext
{
    /// <summary>Answers when it is told to.</summary>
    public sealed class HeldPage(NavigationManager navigation) : FilteredPage(navigation)
    {
        readonly SemaphoreSlim _questions = new(0);

        public List<TaskCompletionSource<string>> Asked { get; } = [];

        public string? Answer { get; private set; }

        public AgreementFilter RequestedFilter => Requested;

        public Task RequestAsync(Func<AgreementFilter, AgreementFilter> change) => InvokeAsync(() => Ask("agreement", change(Requested)));

        protected override async Task LoadAsync(Actor actor)
        {
            var answer = new TaskCompletionSource<string>();
            Asked.Add(answer);
            _questions.Release();
            Answer = await answer.Task.WaitAsync(Gone);
        }

        /// <summary>A question is asked between two renders, so no render tells of it.</summary>
        public Task QuestionAsync() => _questions.WaitAsync(Xunit.TestContext.Current.CancellationToken);
    }

    IRenderedComponent<HeldPage> Open(string address)
    {
        Go(address);
        return Render<HeldPage>(p => p.AddCascadingValue(Task.FromResult(new AuthenticationState(WebClinic.Principal(TestClinic.Lead)))));
    }

    void Go(string address) => Services.GetRequiredService<NavigationManager>().NavigateTo(address);

    [Fact]
    public async Task Question_RenderedAgain_IsAskedOnceAndAnswered()
    {
        var page = Open("/agreement");

        page.Render();
        await page.InvokeAsync(() => Assert.Single(page.Instance.Asked).SetResult("all"));

        Assert.Equal("all", page.Instance.Answer);
    }

    [Fact]
    public async Task Ask_TwiceWithinARoundTrip_KeepsBothChanges()
    {
        var browser = new SlowNavigation("/agreement");
        Services.AddSingleton<NavigationManager>(browser);
        var page = Render<HeldPage>(
            p => p.AddCascadingValue(Task.FromResult(new AuthenticationState(WebClinic.Principal(TestClinic.Lead)))));
        await page.Instance.QuestionAsync();

        await page.Instance.RequestAsync(f => f with { Sex = Sex.Female });
        await page.Instance.RequestAsync(f => f with { View = ViewPosition.AP });
        Assert.Equal("agreement?view=AP&sex=Female", browser.Last);
        await page.InvokeAsync(browser.Arrive);
        await page.Instance.QuestionAsync();
        Assert.Equal(new(View: ViewPosition.AP, Sex: Sex.Female), page.Instance.RequestedFilter);
        await page.InvokeAsync(browser.Arrive);
        await page.Instance.QuestionAsync();
        await page.Instance.RequestAsync(f => f with { Sex = null });

        Assert.Equal("agreement?view=AP", browser.Last);
        // Back, before it has arrived there: what was asked for is asked for no more.
        await page.InvokeAsync(browser.Arrive);
        await page.Instance.QuestionAsync();
        browser.NavigateTo("/agreement?age=From80");
        await page.InvokeAsync(browser.Arrive);
        await page.Instance.QuestionAsync();
        Assert.Equal(new(Age: AgeBand.From80), page.Instance.RequestedFilter);
    }

    [Fact]
    public async Task Question_ReplacedByAnother_IsNotAnsweredAnyMore()
    {
        var page = Open("/agreement");
        await page.Instance.QuestionAsync();

        Go("/agreement?sex=Female");
        await page.Instance.QuestionAsync();
        await page.InvokeAsync(() => page.Instance.Asked[1].SetResult("women"));
        await page.InvokeAsync(() => page.Instance.Asked[0].SetResult("all"));

        Assert.Equal("women", page.Instance.Answer);
    }
}
