using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace CovidCxr.Storage.Migrations
{
    /// <inheritdoc />
    public partial class TherapyNotes : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "TherapyNotes",
                columns: table => new
                {
                    Id = table.Column<Guid>(type: "TEXT", nullable: false),
                    PatientNumber = table.Column<string>(type: "TEXT", maxLength: 64, nullable: false, collation: "NOCASE"),
                    From = table.Column<DateOnly>(type: "TEXT", nullable: false),
                    Until = table.Column<DateOnly>(type: "TEXT", nullable: true),
                    Text = table.Column<string>(type: "TEXT", maxLength: 200, nullable: false),
                    CreatedBy = table.Column<Guid>(type: "TEXT", nullable: false),
                    CreatedByName = table.Column<string>(type: "TEXT", maxLength: 256, nullable: false),
                    CreatedAt = table.Column<long>(type: "INTEGER", nullable: false),
                    StruckBy = table.Column<Guid>(type: "TEXT", nullable: true),
                    StruckByName = table.Column<string>(type: "TEXT", maxLength: 256, nullable: true),
                    StruckAt = table.Column<long>(type: "INTEGER", nullable: true),
                    StruckReason = table.Column<string>(type: "TEXT", maxLength: 500, nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_TherapyNotes", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "TherapyNoteMoves",
                columns: table => new
                {
                    Id = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    NoteId = table.Column<Guid>(type: "TEXT", nullable: false),
                    ActionId = table.Column<Guid>(type: "TEXT", nullable: false),
                    Before = table.Column<string>(type: "TEXT", maxLength: 64, nullable: false),
                    After = table.Column<string>(type: "TEXT", maxLength: 64, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_TherapyNoteMoves", x => x.Id);
                    table.ForeignKey(
                        name: "FK_TherapyNoteMoves_TherapyNotes_NoteId",
                        column: x => x.NoteId,
                        principalTable: "TherapyNotes",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateIndex(
                name: "IX_TherapyNoteMoves_ActionId",
                table: "TherapyNoteMoves",
                column: "ActionId");

            migrationBuilder.CreateIndex(
                name: "IX_TherapyNoteMoves_NoteId",
                table: "TherapyNoteMoves",
                column: "NoteId");

            migrationBuilder.CreateIndex(
                name: "IX_TherapyNotes_PatientNumber",
                table: "TherapyNotes",
                column: "PatientNumber");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "TherapyNoteMoves");

            migrationBuilder.DropTable(
                name: "TherapyNotes");
        }
    }
}
