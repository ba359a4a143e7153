using CovidCxr.Clinic.Studies;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.Hospital;
using CovidCxr.Domain.Studies;
using CovidCxr.Hospital.Inbox;
using CovidCxr.Testing;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Hospital.Tests.Inbox;

/// <summary>What becomes of an object that was received, whatever it says and whenever the program dies.</summary>
public sealed class FileReceivedTests : IAsyncDisposable
{
    readonly TestHospital _hospital = new();

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _hospital.DisposeAsync();

    Task<string?> AnswerAsync(Guid id, ReceivedAnswer answer, Actor? actor = null) =>
        _hospital.Clinic.Get<AnswerReceived>().RunAsync(id, answer, actor ?? TestClinic.Admin, Cancellation);

    async Task<ReceivedObject> AgainAsync(Guid id)
    {
        await _hospital.Clinic.Get<FileReceived>().RunAsync(id, Cancellation);
        return await _hospital.GetAsync(id);
    }

    [Fact]
    public async Task RunAsync_Film_BecomesAStudyWithTheFactsOfItsHeader()
    {
        var received = await _hospital.ReceiveAsync(TestHospital.Film(1));

        Assert.Equal((ReceivedState.Filed, (string?)null), (received.State, received.Reason));
        Assert.False(_hospital.HasFile(received.Id));
        await using var db = _hospital.Clinic.Context();
        var study = await db.Studies.SingleAsync(Cancellation);
        Assert.Equal(
            (received.StudyId, TestHospital.Patient, Sex.Female, new DateOnly(1960, 1, 1), ViewPosition.PA, "A1"),
            ((Guid?)study.Id, study.PatientNumber, study.Sex, study.BirthDate, study.View, study.AccessionNumber));
        Assert.Equal("DICOM from CR1", Assert.Single(await _hospital.Clinic.AuditAsync(AuditAction.StudyUpload)).UserName);
        Assert.Equal(1, await db.Jobs.CountAsync(Cancellation));
    }

    [Fact]
    public async Task RunAsync_SameObjectTwice_IsKnownAndOneStudy()
    {
        var first = await _hospital.ReceiveAsync(TestHospital.Film(1));
        var second = await _hospital.ReceiveAsync(TestHospital.Film(1));

        Assert.Equal((ReceivedState.Known, first.StudyId), (second.State, second.StudyId));
        Assert.Equal(1, await _hospital.Clinic.CountAsync<Study>());
        Assert.False(_hospital.HasFile(second.Id));
    }

    [Theory]
    [InlineData("PA", "LL")]
    [InlineData("LL", "PA")]
    public async Task RunAsync_FrontalAndLateralOfAStudy_AreOneStudyOfTwoImages(string first, string second)
    {
        var one = await _hospital.ReceiveAsync(TestHospital.Film(1, view: first));
        var other = await _hospital.ReceiveAsync(TestHospital.Film(2, view: second, study: 1));

        Assert.Equal((ReceivedState.Filed, ReceivedState.Filed, one.StudyId), (one.State, other.State, other.StudyId));
        Assert.Contains("a study that is here already", other.Reason, StringComparison.Ordinal);
        await using var db = _hospital.Clinic.Context();
        Assert.Equal(ViewPosition.PA, (await db.Studies.SingleAsync(Cancellation)).View);
        Assert.Equal(ViewPosition.Lateral, (await db.StudyImages.SingleAsync(Cancellation)).View);

        // Both are known again, by object and by UID.
        foreach (var (film, view) in new[] { (1, first), (2, second) })
        {
            var again = await _hospital.ReceiveAsync(TestHospital.Film(film, view: view, study: 1));
            Assert.Equal((ReceivedState.Known, one.StudyId), (again.State, again.StudyId));
        }

        Assert.Equal(ReceivedState.Question, (await _hospital.ReceiveAsync(TestHospital.Film(3, uid: 2, study: 1))).State);
    }

    [Fact]
    public async Task RunAsync_KilledBetweenFurtherImageAndRow_FilesOnce()
    {
        var study = (await _hospital.ReceiveAsync(TestHospital.Film(1))).StudyId;
        var lateral = TestHospital.Film(2, view: "LL", study: 1);
        var uploader = new Actor(FileReceived.UploaderId, "DICOM from CR1", new HashSet<string> { Role.Radiologist });
        await _hospital.Clinic.Get<ImportStudy>().RunAsync(lateral, new(), uploader, Cancellation, HeaderAnswer.File);

        var received = await _hospital.ReceiveAsync(lateral);

        Assert.Equal((ReceivedState.Filed, study), (received.State, received.StudyId));
        Assert.Equal(1, await _hospital.Clinic.CountAsync<StudyImage>());
    }

    [Fact]
    public async Task RunAsync_SameUidWithOtherBytes_IsAQuestionThatNoAnswerButDiscardEnds()
    {
        await _hospital.ReceiveAsync(TestHospital.Film(1));
        var other = await _hospital.ReceiveAsync(TestHospital.Film(2, uid: 1));

        Assert.Equal(ReceivedState.Question, other.State);
        Assert.Contains("same UID", other.Reason, StringComparison.Ordinal);
        Assert.True(_hospital.HasFile(other.Id));
        Assert.Null(await AnswerAsync(other.Id, ReceivedAnswer.FileAsSent));
        Assert.Equal(ReceivedState.Question, (await AgainAsync(other.Id)).State);
        Assert.Null(await AnswerAsync(other.Id, ReceivedAnswer.Discard));
        Assert.Equal(ReceivedState.Discarded, (await AgainAsync(other.Id)).State);
        Assert.False(_hospital.HasFile(other.Id));
        Assert.Equal(1, await _hospital.Clinic.CountAsync<Study>());
    }

    [Fact]
    public async Task RunAsync_UidOfAnUploadedStudyWithAnotherPicture_IsAQuestion()
    {
        await _hospital.Clinic.Get<ImportStudy>()
            .RunAsync(TestHospital.Film(1), new(), TestClinic.Reader, Cancellation, HeaderAnswer.File);

        Assert.Equal(ReceivedState.Question, (await _hospital.ReceiveAsync(TestHospital.Film(2, uid: 1))).State);
    }

    [Fact]
    public async Task RunAsync_FilmThatWasUploaded_IsKnown()
    {
        var uploaded = await _hospital.Clinic.Get<ImportStudy>()
            .RunAsync(TestHospital.Film(1), new(), TestClinic.Reader, Cancellation, HeaderAnswer.File);

        var received = await _hospital.ReceiveAsync(TestHospital.Film(1));

        Assert.Equal(
            (ReceivedState.Known, (Guid?)((ImportStudyResult.Imported)uploaded).StudyId), (received.State, received.StudyId));
    }

    [Theory]
    [InlineData("M", "19600101", "The patient number is known with another sex.")]
    [InlineData("F", "19610101", "The patient number is known with another day of birth.")]
    [InlineData("M", "19610101", "The patient number is known with another sex and another day of birth.")]
    public async Task RunAsync_NumberOfAnotherPatient_IsAQuestionUntilAPersonAnswers(string sex, string born, string reason)
    {
        var known = await _hospital.ReceiveAsync(TestHospital.Film(1));
        var other = await _hospital.ReceiveAsync(TestHospital.Film(2, sex: sex, born: born));

        Assert.Equal((ReceivedState.Question, reason, known.StudyId), (other.State, other.Reason, other.StudyId));
        Assert.Null(await AnswerAsync(other.Id, ReceivedAnswer.Retry));
        Assert.Equal(ReceivedState.Question, (await AgainAsync(other.Id)).State);
        Assert.Null(await AnswerAsync(other.Id, ReceivedAnswer.FileAsSent));
        var filed = await AgainAsync(other.Id);
        Assert.Equal((ReceivedState.Filed, 2), (filed.State, await _hospital.Clinic.CountAsync<Study>()));
        Assert.False(_hospital.HasFile(other.Id));
    }

    [Fact]
    public async Task RunAsync_SamePictureUnderAnotherNumber_IsAQuestion()
    {
        var known = await _hospital.ReceiveAsync(TestHospital.Film(1));
        var other = await _hospital.ReceiveAsync(TestHospital.Film(1, patient: "P-OTHER", uid: 2));

        Assert.Equal((ReceivedState.Question, known.StudyId), (other.State, other.StudyId));
        Assert.StartsWith("The same picture is here already", other.Reason, StringComparison.Ordinal);
        Assert.DoesNotContain("P-", other.Reason, StringComparison.Ordinal);
        Assert.Equal(1, await _hospital.Clinic.CountAsync<Study>());
    }

    [Fact]
    public async Task RunAsync_AgeOfAnotherPatient_IsAQuestionWithoutFiguresUntilAPersonAnswers()
    {
        await _hospital.ReceiveAsync(TestHospital.Film(1));
        var child = await _hospital.ReceiveAsync(TestHospital.Film(2, born: "", age: "004Y"));

        Assert.Equal(ReceivedState.Question, child.State);
        Assert.StartsWith("The patient number is known", child.Reason, StringComparison.Ordinal);
        Assert.DoesNotContain(child.Reason!, char.IsDigit);
        Assert.Null(await AnswerAsync(child.Id, ReceivedAnswer.FileAsSent));
        Assert.Equal((ReceivedState.Filed, 2), ((await AgainAsync(child.Id)).State, await _hospital.Clinic.CountAsync<Study>()));
    }

    [Theory]
    [InlineData("M")]
    [InlineData("F")]
    public async Task RunAsync_AgainWhenTheQuarantinedFileIsGone_IsNotKnownFromThere(string sex)
    {
        await _hospital.ReceiveAsync(TestHospital.Film(1));
        var lost = await _hospital.ReceiveAsync(TestHospital.Film(2, sex: "M"));
        File.Delete(_hospital.Clinic.Get<ReceivedFiles>().PathOf(lost.Id));

        // The same object, or the same UID with the sex corrected.
        var again = await _hospital.ReceiveAsync(TestHospital.Film(2, sex: sex));

        Assert.Equal(sex == "M" ? ReceivedState.Question : ReceivedState.Filed, again.State);
        Assert.Equal(sex == "M", _hospital.HasFile(again.Id));
    }

    [Fact]
    public async Task WaitAsync_AfterManyArrivals_EndsOnce()
    {
        var files = _hospital.Clinic.Get<ReceivedFiles>();
        Enumerable.Range(0, 3).ToList().ForEach(_ => files.Wake());
        await files.WaitAsync(Timeout.InfiniteTimeSpan, Cancellation);

        var next = files.WaitAsync(Timeout.InfiniteTimeSpan, Cancellation);
        Assert.False(next.IsCompleted);
        files.Wake();
        await next;
    }

    [Fact]
    public async Task RunAsync_WhatCannotBeFiled_StaysInQuarantineWithTheReason()
    {
        var ct = await _hospital.ReceiveAsync(TestHospital.Film(1, kind: "1.2.840.10008.5.1.4.1.1.2"));
        var damaged = await _hospital.ReceiveAsync(TestHospital.Film(2)[..300]);
        var noise = await _hospital.ReceiveAsync([1, 2, 3]);
        var again = await _hospital.ReceiveAsync(TestHospital.Film(1, kind: "1.2.840.10008.5.1.4.1.1.2"));

        Assert.All(
            new[] { ct, damaged, noise }, r => Assert.Equal((ReceivedState.Refused, true), (r.State, _hospital.HasFile(r.Id))));
        Assert.Contains("a CT image", ct.Reason, StringComparison.Ordinal);
        Assert.Equal(ReceivedState.Known, again.State);
        Assert.Equal(3, (await _hospital.Clinic.AuditAsync(AuditAction.ReceivedObject)).Count);
        Assert.Equal(0, await _hospital.Clinic.CountAsync<Study>());
    }

    [Fact]
    public async Task RunAsync_KilledBetweenStudyAndRow_FilesOnce()
    {
        var film = TestHospital.Film(1);
        var uploader = new Actor(FileReceived.UploaderId, "DICOM from CR1", new HashSet<string> { Role.Radiologist });
        var stored = await _hospital.Clinic.Get<ImportStudy>().RunAsync(film, new(), uploader, Cancellation, HeaderAnswer.File);

        var received = await _hospital.ReceiveAsync(film);

        Assert.Equal(
            (ReceivedState.Filed, (Guid?)((ImportStudyResult.Imported)stored).StudyId), (received.State, received.StudyId));
    }

    [Fact]
    public async Task RunAsync_AtTheSameTimeTwice_FilesOnce()
    {
        var received = await _hospital.ReceiveAsync(TestHospital.Film(1, kind: "1.2.840.10008.5.1.4.1.1.2"));
        Assert.Null(await AnswerAsync(received.Id, ReceivedAnswer.Retry));

        await Task.WhenAll(AgainAsync(received.Id), AgainAsync(received.Id));

        // One for the arrival, one for the answer, one for the retry.
        Assert.Equal(3, (await _hospital.Clinic.AuditAsync(AuditAction.ReceivedObject)).Count);
    }

    /// <summary>A copy that came while the first was in quarantine must not make its retry throw the first away.</summary>
    [Fact]
    public async Task AnswerAsync_RetryOfWhatCameTwice_KeepsIt()
    {
        await _hospital.ReceiveAsync(TestHospital.Film(1));
        var question = await _hospital.ReceiveAsync(TestHospital.Film(2, sex: "M"));
        var copy = await _hospital.ReceiveAsync(TestHospital.Film(2, sex: "M"));
        Assert.Equal((ReceivedState.Question, ReceivedState.Known), (question.State, copy.State));

        Assert.Null(await AnswerAsync(question.Id, ReceivedAnswer.Retry));
        Assert.Equal(ReceivedState.Question, (await AgainAsync(question.Id)).State);
        Assert.True(_hospital.HasFile(question.Id));
        Assert.Null(await AnswerAsync(question.Id, ReceivedAnswer.FileAsSent));
        Assert.Equal(ReceivedState.Filed, (await AgainAsync(question.Id)).State);
    }

    [Fact]
    public async Task RunAsync_ObjectThatEndedTheProgramAgainAndAgain_GoesIntoQuarantine()
    {
        var data = _hospital.Clinic.Folder.Data;
        var id = Guid.CreateVersion7();
        await using (var db = _hospital.Clinic.Context())
        {
            db.ReceivedObjects.Add(new() { Id = id, CallingAe = "CR1", Host = "h", Attempts = FileReceived.MaxAttempts });
            await db.SaveChangesAsync(Cancellation);
        }

        Directory.CreateDirectory(data.Received);
        await File.WriteAllBytesAsync(_hospital.Clinic.Get<ReceivedFiles>().PathOf(id), TestHospital.Film(1), Cancellation);

        Assert.Equal((ReceivedState.Refused, true), ((await AgainAsync(id)).State, _hospital.HasFile(id)));
        Assert.Null(await AnswerAsync(id, ReceivedAnswer.Retry));
        Assert.Equal(ReceivedState.Filed, (await AgainAsync(id)).State);
    }

    [Fact]
    public async Task RunAsync_WhileTheDiskIsFull_LeavesItWaitingForAsLongAsThatLasts()
    {
        var data = _hospital.Clinic.Folder.Data;
        // As a full disk does: no blob can be written.
        await File.WriteAllBytesAsync(data.Blobs, [], Cancellation);
        Directory.CreateDirectory(data.Incoming);
        var path = Path.Combine(data.Incoming, "object");
        await File.WriteAllBytesAsync(path, TestHospital.Film(1), Cancellation);
        var id = await _hospital.Clinic.Get<ReceivedFiles>().TakeAsync(path, TestHospital.Sender, "127.0.0.1", Cancellation);
        var worker = _hospital.Clinic.Get<InboxWorker>();
        for (var look = 0; look < 2 * FileReceived.MaxAttempts; look++)
        {
            Assert.False(await worker.RunAsync(Cancellation));
        }

        Assert.Equal((ReceivedState.Waiting, true), ((await _hospital.GetAsync(id)).State, _hospital.HasFile(id)));
        File.Delete(data.Blobs);
        Assert.True(await worker.RunAsync(Cancellation));
        Assert.Equal(ReceivedState.Filed, (await _hospital.GetAsync(id)).State);
    }

    [Fact]
    public async Task AnswerAsync_TwiceOrByAnother_IsRefused()
    {
        var received = await _hospital.ReceiveAsync([1, 2, 3]);

        await Assert.ThrowsAsync<AccessRefusedException>(() => AnswerAsync(received.Id, ReceivedAnswer.Discard, TestClinic.Lead));
        Assert.NotNull(await AnswerAsync(received.Id, ReceivedAnswer.FileAsSent));
        Assert.Null(await AnswerAsync(received.Id, ReceivedAnswer.Discard));
        Assert.Contains("no more", await AnswerAsync(received.Id, ReceivedAnswer.Retry), StringComparison.Ordinal);
        Assert.NotNull(await AnswerAsync(Guid.NewGuid(), ReceivedAnswer.Discard));
    }

    [Fact]
    public async Task RecoverAsync_AfterAKill_AdoptsWhatLiesThereAndRemovesWhatIsSettled()
    {
        var data = _hospital.Clinic.Folder.Data;
        var settled = await _hospital.ReceiveAsync(TestHospital.Film(1));
        var orphan = Guid.CreateVersion7();
        await File.WriteAllBytesAsync(_hospital.Clinic.Get<ReceivedFiles>().PathOf(settled.Id), [1], Cancellation);
        await File.WriteAllBytesAsync(_hospital.Clinic.Get<ReceivedFiles>().PathOf(orphan), TestHospital.Film(2), Cancellation);
        await File.WriteAllBytesAsync(Path.Combine(data.Incoming, "half"), [1], Cancellation);

        await _hospital.Clinic.Get<ReceivedFiles>().RecoverAsync(Cancellation);

        Assert.Empty(Directory.GetFileSystemEntries(data.Incoming));
        Assert.False(_hospital.HasFile(settled.Id));
        Assert.Equal(ReceivedState.Filed, (await AgainAsync(orphan)).State);
    }

    [Fact]
    public async Task RunAsync_WhateverIsReceived_LogsNoPatient()
    {
        await _hospital.ReceiveAsync(TestHospital.Film(1));
        await _hospital.ReceiveAsync(TestHospital.Film(2, sex: "M"));

        Assert.DoesNotContain(_hospital.Clinic.Logs.Lines, l => l.Contains(TestHospital.Patient, StringComparison.Ordinal));
        Assert.DoesNotContain(
            await _hospital.Clinic.AuditAsync(), a => a.Detail?.Contains(TestHospital.Patient, StringComparison.Ordinal) == true);
    }
}
