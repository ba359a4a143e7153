using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace CovidCxr.Storage.Migrations
{
    /// <inheritdoc />
    public partial class DicomHeader : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "AccessionNumber",
                table: "Studies",
                type: "TEXT",
                maxLength: 64,
                nullable: true);

            migrationBuilder.AddColumn<DateOnly>(
                name: "BirthDate",
                table: "Studies",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "BodyPart",
                table: "Studies",
                type: "TEXT",
                maxLength: 16,
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "DicomInstanceUid",
                table: "Studies",
                type: "TEXT",
                maxLength: 64,
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "DicomSeriesUid",
                table: "Studies",
                type: "TEXT",
                maxLength: 64,
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "DicomStudyUid",
                table: "Studies",
                type: "TEXT",
                maxLength: 64,
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "Laterality",
                table: "Studies",
                type: "TEXT",
                maxLength: 16,
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "Modality",
                table: "Studies",
                type: "TEXT",
                maxLength: 16,
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "PresentationIntent",
                table: "Studies",
                type: "TEXT",
                maxLength: 16,
                nullable: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "AccessionNumber",
                table: "Studies");

            migrationBuilder.DropColumn(
                name: "BirthDate",
                table: "Studies");

            migrationBuilder.DropColumn(
                name: "BodyPart",
                table: "Studies");

            migrationBuilder.DropColumn(
                name: "DicomInstanceUid",
                table: "Studies");

            migrationBuilder.DropColumn(
                name: "DicomSeriesUid",
                table: "Studies");

            migrationBuilder.DropColumn(
                name: "DicomStudyUid",
                table: "Studies");

            migrationBuilder.DropColumn(
                name: "Laterality",
                table: "Studies");

            migrationBuilder.DropColumn(
                name: "Modality",
                table: "Studies");

            migrationBuilder.DropColumn(
                name: "PresentationIntent",
                table: "Studies");
        }
    }
}
