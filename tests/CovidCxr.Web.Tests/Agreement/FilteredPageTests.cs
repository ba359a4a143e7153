using Bunit;
using CovidCxr.Domain.Accounts;
using CovidCxr.Web.Features.Agreement;
using CovidCxr.Web.Tests.Reading;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.Extensions.DependencyInjection;

namespace CovidCxr.Web.Tests.Agreement;

/// <summary>One question, one answer, the newest.</summary>
public sealed class FilteredPageTests : BunitContext
{
    /// <summary>Answers when it is told to.</summary>
    public sealed class HeldPage(NavigationManager navigation) : FilteredPage(navigation)
    {
        readonly SemaphoreSlim questions = new(0);

        public List<TaskCompletionSource<string>> Asked { get; } = [];

        public string? Answer { get; private set; }

        protected override async Task LoadAsync(Actor actor)
        {
            var answer = new TaskCompletionSource<string>();
            Asked.Add(answer);
            questions.Release();
            Answer = await answer.Task.WaitAsync(Gone);
        }

        /// <summary>A question is asked between two renders, so no render tells of it.</summary>
        public Task QuestionAsync() => questions.WaitAsync(Xunit.TestContext.Current.CancellationToken);
    }

    IRenderedComponent<HeldPage> Open(string address)
    {
        Go(address);
        return Render<HeldPage>(p => p.AddCascadingValue(Task.FromResult(new AuthenticationState(Clinic.Principal(Clinic.Lead)))));
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
