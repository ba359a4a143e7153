using CovidCxr.Clinic.Corrections;
using CovidCxr.Clinic.Studies;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Studies;
using CovidCxr.Imaging.Decoding;
using CovidCxr.Web.Shared;
using CovidCxr.Web.Shared.Security;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Forms;
using Microsoft.Extensions.Options;
using MudBlazor;

namespace CovidCxr.Web.Features.Clinic.Readings;

/// <summary>One image of a visit, as it hangs on the page.</summary>
/// <param name="Id">The study's own for the principal one.</param>
/// <param name="Name">Its view and side, and its number where the visit has several such.</param>
sealed record HungImage(Guid Id, ViewPosition View, string Name, bool IsPrincipal)
{
    /// <summary>The principal one first.</summary>
    public static IReadOnlyList<HungImage> AllOf(StudyDetail study)
    {
        var all = study.Images.Select(i => (i.Id, i.View, i.Laterality)).Prepend((study.Id, study.View, study.Laterality))
            .Select(i => (i.Id, i.View, Words: i.View == ViewPosition.Unknown ? $"view unknown{Side(i.Laterality)}"
                : i.View.Words() + Side(i.Laterality))).ToList();
        return
        [
            .. all.Select((image, place) => new HungImage(
                image.Id, image.View,
                all.Count(i => i.Words == image.Words) == 1
                    ? image.Words
                    : $"{image.Words} {all.Take(place + 1).Count(i => i.Words == image.Words)}",
                place == 0)),
        ];
    }

    /// <summary>What hangs: one that was chosen, else the principal one and beside it a lateral one, or the first that there is.</summary>
    /// <param name="hasNeighbour">Whether another study's film hangs beside.</param>
    public static IReadOnlyList<HungImage> On(StudyDetail study, Guid? alone, bool hasNeighbour)
    {
        var all = AllOf(study);
        var others = all.Skip(1).OrderBy(i => i.View != ViewPosition.Lateral);
        return all.FirstOrDefault(i => i.Id == alone) is { } chosen ? [chosen]
            : hasNeighbour ? [all[0]]
            : [all[0], .. others.Take(1)];
    }

    /// <summary>The address of a small picture; another one where another image became the principal one.</summary>
    public string SmallPicture(StudyDetail study) =>
        $"studies/{study.Id}/images/{Id}/thumbnail{(IsPrincipal ? $"?film={study.PixelHash?[..8]}" : "")}";

    static string Side(string? laterality) => laterality switch
    {
        "R" => ", side R",
        "L" => ", side L",
        _ => "",
    };
}

/// <summary>The images of a visit: which one hangs, and the dialogs that add one or take one out.</summary>
public sealed partial class ImagesPanel(AddStudyImage add, TakeOutImage takeOut, IOptions<ImagingOptions> limits) : ComponentBase
{
    static readonly DialogOptions Options = new() { MaxWidth = MaxWidth.Small, FullWidth = true, CloseOnEscapeKey = true };

    IBrowserFile? _file;
    IReadOnlyList<string> _doubts = [];
    HeaderAnswer _answer;
    ViewPosition _view;
    Guid _image;
    Guid? _known;
    long _lastSeen;
    string? _reason, _refusal, _said;
    bool _isOpen, _takesOut, _isConfirmed, _busy;

    [Parameter, EditorRequired]
    public required StudyDetail Study { get; set; }

    /// <summary>The image that hangs alone; null for side by side.</summary>
    [Parameter]
    public Guid? Alone { get; set; }

    [Parameter]
    public EventCallback<Guid?> AloneChanged { get; set; }

    /// <summary>The reader has looked at what came late, and says the same once more. None where a form is open.</summary>
    [Parameter]
    public EventCallback LetStand { get; set; }

    [CascadingParameter]
    public required Task<AuthenticationState> Authentication { get; set; }

    IOptions<ImagingOptions> Limits => limits;

    bool CanTakeOut => Study is { CanChange: true, IsWithdrawn: false, Images.Count: > 0 };

    int Repeats => Study.Images.Count(i => i.View is ViewPosition.PA or ViewPosition.AP);

    static string Pressed(bool isPressed) => isPressed ? "true" : "false";

    // Side by side, then one after the other.
    async Task NextAsync()
    {
        List<Guid?> all = [null, .. HungImage.AllOf(Study).Select(i => (Guid?)i.Id)];
        await AloneChanged.InvokeAsync(all[(all.IndexOf(Alone) + 1) % all.Count]);
    }

    void Open(bool takesOut)
    {
        (_takesOut, _isOpen, _refusal, _said, _reason, _known) = (takesOut, true, null, null, null, null);
        (_file, _view, _lastSeen) = (null, ViewPosition.Unknown, Study.Changes.Select(c => c.Id).FirstOrDefault());
        _image = Study.Images.Select(i => i.Id).FirstOrDefault();
        Ask();
    }

    // What was confirmed was of another file.
    void Ask() => (_doubts, _answer, _isConfirmed) = ([], HeaderAnswer.NotAsked, false);

    void ChooseFile(IBrowserFile? file)
    {
        (_file, _refusal, _known) = (file, null, null);
        Ask();
    }

    async Task<Actor> ActorAsync() => (await Authentication).User.ToActor();

    async Task AddAsync()
    {
        if (_busy || _file is null)
        {
            _refusal = _busy ? _refusal : "Choose a file first.";
            return;
        }

        if (_file.Size > limits.Value.MaxFileBytes)
        {
            _refusal = $"The file is larger than {limits.Value.MaxFileMegabytes} MB.";
            return;
        }

        _busy = true;
        try
        {
            Show(await add.RunAsync(
                Study.Id, await ReadAsync(_file), _view, await ActorAsync(), CancellationToken.None, _answer, _isConfirmed));
        }
        catch (IOException)
        {
            _refusal = "The file could not be read. Choose it again.";
        }
        finally
        {
            _busy = false;
        }
    }

    async Task<byte[]> ReadAsync(IBrowserFile file)
    {
        await using var stream = file.OpenReadStream(limits.Value.MaxFileBytes);
        using var bytes = new MemoryStream((int)file.Size);
        await stream.CopyToAsync(bytes);
        return bytes.ToArray();
    }

    // Each question is asked once: the next answer is given with what was asked before.
    void Show(ImportStudyResult result)
    {
        (_refusal, _known) = (null, null);
        switch (result)
        {
            case ImportStudyResult.Asked asked:
                (_answer, _doubts) = (
                    HeaderAnswer.Typed, [$"The file says otherwise than this study: {string.Join(", ", asked.Conflicts)}."]);
                break;
            case ImportStudyResult.Doubted { StudyId: { } known } doubted:
                (_refusal, _known) = (string.Join(" ", doubted.Doubts), known);
                break;
            case ImportStudyResult.Doubted doubted:
                (_isConfirmed, _doubts) = (true, doubted.Doubts);
                break;
            case ImportStudyResult.Duplicate duplicate:
                (_refusal, _known) = (
                    duplicate.StudyId == Study.Id ? "This image is here already." : "This image is known already, as one of another study.",
                    duplicate.StudyId);
                break;
            case ImportStudyResult.Refused refused:
                _refusal = refused.Message;
                break;
            default:
                (_isOpen, _said) = (false, "Added.");
                break;
        }
    }

    async Task TakeOutAsync()
    {
        if (_busy)
        {
            return;
        }

        _busy = true;
        try
        {
            var result = await takeOut.RunAsync(
                new(Study.Id, _image, _reason, _lastSeen), await ActorAsync(), CancellationToken.None);
            (_isOpen, _said, _refusal) = result is ChangeStudyResult.Refused refused
                ? (true, null, refused.Message)
                : (false, "Taken out: it stands among the other images of the patient.", (string?)null);
        }
        finally
        {
            _busy = false;
        }
    }
}
