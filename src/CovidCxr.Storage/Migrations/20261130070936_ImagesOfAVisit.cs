using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace CovidCxr.Storage.Migrations
{
    /// <inheritdoc />
    public partial class ImagesOfAVisit : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_StudyAppearances_StudyId",
                table: "StudyAppearances");

            migrationBuilder.AddColumn<Guid>(
                name: "ImageId",
                table: "StudyChanges",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<Guid>(
                name: "ImageId",
                table: "StudyAppearances",
                type: "TEXT",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "StudyImages",
                columns: table => new
                {
                    Id = table.Column<Guid>(type: "TEXT", nullable: false),
                    StudyId = table.Column<Guid>(type: "TEXT", nullable: false),
                    View = table.Column<int>(type: "INTEGER", nullable: false),
                    Laterality = table.Column<string>(type: "TEXT", maxLength: 16, nullable: true),
                    BodyPart = table.Column<string>(type: "TEXT", maxLength: 16, nullable: true),
                    Modality = table.Column<string>(type: "TEXT", maxLength: 16, nullable: true),
                    PresentationIntent = table.Column<string>(type: "TEXT", maxLength: 16, nullable: true),
                    DicomStudyUid = table.Column<string>(type: "TEXT", maxLength: 64, nullable: true),
                    DicomSeriesUid = table.Column<string>(type: "TEXT", maxLength: 64, nullable: true),
                    DicomInstanceUid = table.Column<string>(type: "TEXT", maxLength: 64, nullable: true),
                    ReceivedAt = table.Column<long>(type: "INTEGER", nullable: false),
                    UploadedBy = table.Column<Guid>(type: "TEXT", nullable: false),
                    PixelHash = table.Column<string>(type: "TEXT", maxLength: 64, nullable: false),
                    Width = table.Column<int>(type: "INTEGER", nullable: false),
                    Height = table.Column<int>(type: "INTEGER", nullable: false),
                    BitsStored = table.Column<int>(type: "INTEGER", nullable: false),
                    MeanIntensity = table.Column<double>(type: "REAL", nullable: true),
                    IntensityDeviation = table.Column<double>(type: "REAL", nullable: true),
                    ImageKey = table.Column<string>(type: "TEXT", maxLength: 32, nullable: false),
                    WithheldReason = table.Column<string>(type: "TEXT", maxLength: 500, nullable: true),
                    IsLate = table.Column<bool>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_StudyImages", x => x.Id);
                    table.ForeignKey(
                        name: "FK_StudyImages_Studies_StudyId",
                        column: x => x.StudyId,
                        principalTable: "Studies",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateIndex(
                name: "IX_StudyAppearances_ImageId",
                table: "StudyAppearances",
                column: "ImageId",
                unique: true,
                filter: "\"ImageId\" IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_StudyAppearances_StudyId",
                table: "StudyAppearances",
                column: "StudyId");

            migrationBuilder.CreateIndex(
                name: "IX_Studies_DicomStudyUid",
                table: "Studies",
                column: "DicomStudyUid",
                filter: "\"DicomStudyUid\" IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_StudyImages_DicomInstanceUid",
                table: "StudyImages",
                column: "DicomInstanceUid",
                filter: "\"DicomInstanceUid\" IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_StudyImages_DicomStudyUid",
                table: "StudyImages",
                column: "DicomStudyUid",
                filter: "\"DicomStudyUid\" IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_StudyImages_IsLate",
                table: "StudyImages",
                column: "IsLate",
                filter: "\"IsLate\"");

            migrationBuilder.CreateIndex(
                name: "IX_StudyImages_PixelHash",
                table: "StudyImages",
                column: "PixelHash",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_StudyImages_StudyId",
                table: "StudyImages",
                column: "StudyId");

            migrationBuilder.Sql(LateralStudies.BecomeImages);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql("""DELETE FROM "StudyAppearances" WHERE "ImageId" IS NOT NULL;""");

            migrationBuilder.DropTable(
                name: "StudyImages");

            migrationBuilder.DropIndex(
                name: "IX_StudyAppearances_ImageId",
                table: "StudyAppearances");

            migrationBuilder.DropIndex(
                name: "IX_StudyAppearances_StudyId",
                table: "StudyAppearances");

            migrationBuilder.DropIndex(
                name: "IX_Studies_DicomStudyUid",
                table: "Studies");

            migrationBuilder.DropColumn(
                name: "ImageId",
                table: "StudyChanges");

            migrationBuilder.DropColumn(
                name: "ImageId",
                table: "StudyAppearances");

            migrationBuilder.CreateIndex(
                name: "IX_StudyAppearances_StudyId",
                table: "StudyAppearances",
                column: "StudyId",
                unique: true);
        }
    }
}
