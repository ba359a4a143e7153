using Microsoft.Playwright;

namespace CovidCxr.Web.Tests.Features.Clinic.Readings.Viewer;

/// <summary>Single keys anywhere on the page.</summary>
[Collection("Viewer")]
[Trait("Speed", "Slow")]
public class ShortcutTests(ViewerBrowser browser)
{
    async Task<IPage> OpenAsync()
    {
        var page = await browser.OpenAsync("2d");
        await page.ShowAsync(TestImage.Noise(64, 64, 8, seed: 1));
        await page.EvaluateAsync("""
            async () => {
              window.clicked = [];
              const form = document.body.appendChild(document.createElement('form'));
              form.innerHTML = `<button type="button" data-key="1">one</button><button type="button" data-key="Shift+1">sure</button>
                <button type="button" data-key="Enter">lock</button><button type="button" data-key="x" hidden>hidden</button>
                <textarea aria-label="Note"></textarea><input type="radio" name="r" aria-label="Radio">
                  <button type="button" id="other">other</button>`;
              form.addEventListener('click', e => clicked.push(e.target.textContent || e.target.type));
            }
            """);
        return page;
    }

    static Task<string[]> Clicked(IPage page) => page.EvaluateAsync<string[]>("clicked");

    [Fact]
    public async Task Keys_FromAnywhere_ClickTheirButton()
    {
        var page = await OpenAsync();

        foreach (var key in new[] { "1", "Shift+1", "Enter", "Numpad1", "x" })
        {
            await page.Keyboard.PressAsync(key);
        }

        Assert.Equal(["one", "sure", "lock", "one"], await Clicked(page));
    }

    [Fact]
    public async Task Keys_WhileOneIsAwaited_AreNotTaken()
    {
        var page = await OpenAsync();
        await page.EvaluateAsync("document.querySelector('form').dataset.keyPanel = ''");
        await page.EvaluateAsync("document.querySelector('form').dataset.keyOnly = 'Shift+1'");

        foreach (var key in new[] { "1", "Enter", "i", "Shift+1" })
        {
            await page.Keyboard.PressAsync(key);
        }

        Assert.Equal(["sure"], await Clicked(page));
        Assert.True(await page.StateAsync<bool>("state.invert"));
    }

    [Fact]
    public async Task Key_OfAChosenAnswer_SaysItAgain()
    {
        var page = await OpenAsync();
        await page.EvaluateAsync("""
            () => {
              window.said = 0;
              const radio = document.querySelector('input[type=radio]');
              radio.dataset.key = 'q';
              radio.addEventListener('change', () => window.said++);
            }
            """);

        await page.Keyboard.PressAsync("q");
        await page.Keyboard.PressAsync("q");

        Assert.Equal(2, await page.EvaluateAsync<int>("window.said"));
    }

    [Fact]
    public async Task Enter_AfterAClick_HandsInInsteadOfClickingAgain()
    {
        var page = await OpenAsync();
        await page.EvaluateAsync("document.querySelector('form').dataset.keyPanel = ''");

        await page.ClickAsync("#other");
        await page.Keyboard.PressAsync("Enter");

        Assert.Equal(["other", "lock"], await Clicked(page));
    }

    [Fact]
    public async Task Keys_InTheNote_AreText()
    {
        var page = await OpenAsync();
        await page.FocusAsync("textarea");

        await page.Keyboard.TypeAsync("1i?\n");

        Assert.Equal("1i?\n", await page.InputValueAsync("textarea"));
        Assert.Empty(await Clicked(page));
        Assert.False(await page.StateAsync<bool>("state.invert"));
        await page.Keyboard.PressAsync("Control+Enter");
        Assert.Equal(["lock"], await Clicked(page));
        await page.Keyboard.PressAsync("Escape");
        await page.Keyboard.PressAsync("i");
        Assert.True(await page.StateAsync<bool>("state.invert"));
    }

    [Fact]
    public async Task Enter_OnAButton_IsThatButtonsOwn()
    {
        var page = await OpenAsync();

        await page.FocusAsync("#other");
        await page.Keyboard.PressAsync("Enter");
        await page.FocusAsync("input[type=radio]");
        await page.Keyboard.PressAsync("Enter");

        Assert.Equal(["other", "lock"], await Clicked(page));
    }

    [Theory]
    [InlineData("Control+1")]
    [InlineData("Alt+1")]
    [InlineData("Meta+1")]
    public async Task Keys_WithAModifier_AreTheBrowsers(string key)
    {
        var page = await OpenAsync();

        await page.Keyboard.PressAsync(key);

        Assert.Empty(await Clicked(page));
    }

    [Fact]
    public async Task Keys_SwitchedOff_WorkOnTheImageAlone()
    {
        var page = await OpenAsync();
        await page.ClickAsync("[data-action=help]");
        await page.UncheckAsync("dialog input[type=checkbox]");
        await page.Keyboard.PressAsync("Escape");
        await page.EvaluateAsync("document.activeElement.blur()");

        await page.Keyboard.PressAsync("1");
        await page.Keyboard.PressAsync("i");
        Assert.Empty(await Clicked(page));
        Assert.False(await page.StateAsync<bool>("state.invert"));
        await page.FocusAsync(".viewer-stage");
        await page.Keyboard.PressAsync("i");

        Assert.True(await page.StateAsync<bool>("state.invert"));
    }

    [Fact]
    public async Task Keys_AfterOneThatChangesTheForm_WaitForTheChange()
    {
        var page = await OpenAsync();
        await page.EvaluateAsync("""
            const panel = document.body.appendChild(document.createElement('div'));
            panel.dataset.keyPanel = '';
            panel.innerHTML = '<button type="button" data-key="e" data-key-holds>correct</button>'
              + '<button type="button" data-key="2" disabled>two</button>';
            panel.addEventListener('click', e => clicked.push(e.target.textContent));
            """);

        await page.Keyboard.PressAsync("e");
        await page.Keyboard.PressAsync("2");
        await page.Keyboard.PressAsync("1");
        Assert.Equal(["correct"], await Clicked(page));
        await page.EvaluateAsync("document.querySelector('[data-key=\"2\"]').disabled = false");

        Assert.Equal(["correct", "two", "one"], await Clicked(page));
    }

    [Fact]
    public async Task Keys_OfAFormThatIsShut_GoToTheNextElement()
    {
        var page = await OpenAsync();
        await page.EvaluateAsync("""
            document.querySelector('form').insertAdjacentHTML('beforeend',
              '<fieldset disabled><input type="radio" data-key="n" aria-label="no"></fieldset>'
                + '<button type="button" data-key="n">next</button>')
            """);

        await page.Keyboard.PressAsync("n");

        Assert.Equal(["next"], await Clicked(page));
    }

    [Fact]
    public async Task Disposed_LastViewer_TakesItsKeysAlong()
    {
        var page = await OpenAsync();

        await page.EvaluateAsync("viewer.dispose()");
        await page.Keyboard.PressAsync("1");

        Assert.Empty(await Clicked(page));
    }
}
