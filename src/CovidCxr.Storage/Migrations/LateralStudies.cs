namespace CovidCxr.Storage.Migrations;

/// <summary>
/// What the migration to studies of several images does with those of one image: a lateral film that nobody has said anything of becomes
/// an image of the frontal one with the same study UID and patient number, where there is exactly one and no film of unknown view. Others
/// stay studies of their own. The image keeps the id that the study had, which the audit trail goes on to name.
/// </summary>
static class LateralStudies
{
    // Views: 1 and 2 are frontal, 3 is lateral. Foreign keys are off in a migration, so that every table is named.
    public const string BecomeImages =
        """
        INSERT INTO "StudyImages" ("Id", "StudyId", "View", "Laterality", "BodyPart", "Modality", "PresentationIntent", "DicomStudyUid",
          "DicomSeriesUid", "DicomInstanceUid", "ReceivedAt", "UploadedBy", "PixelHash", "Width", "Height", "BitsStored", "MeanIntensity",
          "IntensityDeviation", "ImageKey", "WithheldReason", "IsLate")
        SELECT l."Id", f."Id", l."View", l."Laterality", l."BodyPart", l."Modality", l."PresentationIntent", l."DicomStudyUid",
          l."DicomSeriesUid", l."DicomInstanceUid", l."ReceivedAt", l."UploadedBy", l."PixelHash", l."Width", l."Height", l."BitsStored",
          l."MeanIntensity", l."IntensityDeviation", l."ImageKey", l."StatusReason",
          EXISTS (SELECT 1 FROM "Readings" r WHERE r."StudyId" = f."Id" AND r."CreatedAt" < l."ReceivedAt")
        FROM "Studies" l
        JOIN "Studies" f ON f."DicomStudyUid" = l."DicomStudyUid" AND f."PatientNumber" IS l."PatientNumber" AND f."View" IN (1, 2)
          AND NOT f."IsWithdrawn"
        WHERE l."View" = 3 AND NOT l."IsWithdrawn" AND l."PredictionId" IS NULL AND l."ScoreDemandReason" IS NULL AND l."CopyOf" IS NULL
          AND 1 = (SELECT count(*) FROM "Studies" o WHERE o."DicomStudyUid" = l."DicomStudyUid"
            AND o."PatientNumber" IS l."PatientNumber" AND NOT o."IsWithdrawn" AND o."View" <> 3)
          AND NOT EXISTS (SELECT 1 FROM "Studies" c WHERE c."CopyOf" = l."Id")
          AND NOT EXISTS (SELECT 1 FROM "Predictions" x WHERE x."StudyId" = l."Id")
          AND NOT EXISTS (SELECT 1 FROM "ShadowPredictions" x WHERE x."StudyId" = l."Id")
          AND NOT EXISTS (SELECT 1 FROM "Readings" x WHERE x."StudyId" = l."Id")
          AND NOT EXISTS (SELECT 1 FROM "KeptDrafts" x WHERE x."StudyId" = l."Id")
          AND NOT EXISTS (SELECT 1 FROM "ReadRequests" x WHERE x."StudyId" = l."Id")
          AND NOT EXISTS (SELECT 1 FROM "ReferenceFindings" x WHERE x."StudyId" = l."Id")
          AND NOT EXISTS (SELECT 1 FROM "Disclosures" x WHERE x."StudyId" = l."Id")
          AND NOT EXISTS (SELECT 1 FROM "StudyChanges" x WHERE x."StudyId" = l."Id")
          AND NOT EXISTS (SELECT 1 FROM "OutgoingResults" x WHERE x."StudyId" = l."Id");

        UPDATE "Studies" SET
          "Urgency" = coalesce("Urgency", (SELECT max(l."Urgency") FROM "Studies" l JOIN "StudyImages" i ON i."Id" = l."Id"
            WHERE i."StudyId" = "Studies"."Id")),
          "AssignedTo" = coalesce("AssignedTo", (SELECT max(l."AssignedTo") FROM "Studies" l JOIN "StudyImages" i ON i."Id" = l."Id"
            WHERE i."StudyId" = "Studies"."Id"))
        WHERE "Id" IN (SELECT "StudyId" FROM "StudyImages");

        UPDATE "StudyAppearances" SET "ImageId" = "StudyId",
          "StudyId" = (SELECT i."StudyId" FROM "StudyImages" i WHERE i."Id" = "StudyAppearances"."StudyId")
        WHERE "StudyId" IN (SELECT "Id" FROM "StudyImages");

        UPDATE "ReceivedObjects" SET "StudyId" = (SELECT i."StudyId" FROM "StudyImages" i WHERE i."Id" = "ReceivedObjects"."StudyId")
        WHERE "StudyId" IN (SELECT "Id" FROM "StudyImages");

        UPDATE "ApiSubmissions" SET "StudyId" = (SELECT i."StudyId" FROM "StudyImages" i WHERE i."Id" = "ApiSubmissions"."StudyId")
        WHERE "StudyId" IN (SELECT "Id" FROM "StudyImages");

        DELETE FROM "Studies" WHERE "Id" IN (SELECT "Id" FROM "StudyImages");
        """;
}
