using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace CovidCxr.Storage.Migrations
{
    /// <inheritdoc />
    public partial class Adjudication : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "Basis",
                table: "ReferenceFindings",
                type: "TEXT",
                maxLength: 500,
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "Seed",
                table: "PolicyChanges",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.CreateTable(
                name: "QualitySettings",
                columns: table => new
                {
                    Id = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    SecondReadEvery = table.Column<int>(type: "INTEGER", nullable: false),
                    LargestStabilityIndex = table.Column<double>(type: "REAL", nullable: false),
                    LowestAgreement = table.Column<double>(type: "REAL", nullable: false),
                    ChangedBy = table.Column<Guid>(type: "TEXT", nullable: false),
                    ChangedByName = table.Column<string>(type: "TEXT", maxLength: 256, nullable: false),
                    ChangedAt = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_QualitySettings", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "ReadRequests",
                columns: table => new
                {
                    Id = table.Column<Guid>(type: "TEXT", nullable: false),
                    StudyId = table.Column<Guid>(type: "TEXT", nullable: false),
                    Kind = table.Column<int>(type: "INTEGER", nullable: false),
                    ReaderId = table.Column<Guid>(type: "TEXT", nullable: true),
                    AskedBy = table.Column<Guid>(type: "TEXT", nullable: true),
                    AskedAt = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_ReadRequests", x => x.Id);
                    table.ForeignKey(
                        name: "FK_ReadRequests_Studies_StudyId",
                        column: x => x.StudyId,
                        principalTable: "Studies",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateIndex(
                name: "IX_ReadRequests_ReaderId_StudyId",
                table: "ReadRequests",
                columns: new[] { "ReaderId", "StudyId" });

            migrationBuilder.CreateIndex(
                name: "IX_ReadRequests_StudyId",
                table: "ReadRequests",
                column: "StudyId",
                unique: true,
                filter: "\"ReaderId\" IS NULL");

            migrationBuilder.CreateIndex(
                name: "IX_ReadRequests_StudyId_ReaderId",
                table: "ReadRequests",
                columns: new[] { "StudyId", "ReaderId" },
                unique: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "QualitySettings");

            migrationBuilder.DropTable(
                name: "ReadRequests");

            migrationBuilder.DropColumn(
                name: "Basis",
                table: "ReferenceFindings");

            migrationBuilder.DropColumn(
                name: "Seed",
                table: "PolicyChanges");
        }
    }
}
