/** What this installation says about itself; the build's constants until the server has answered. */
class Deployment {
	helpTelephone = $state(__HELP_TELEPHONE__);
	siteName = $state<string | null>(null);

	/** Asks the server. A server that does not say leaves the constants: they are always usable. */
	async load(): Promise<void> {
		let response: Response;
		try {
			response = await fetch('/api/v1/deployment');
		} catch {
			return;
		}
		if (!response.ok) return;
		const answer = (await response.json()) as { help_telephone?: string; site_name?: string };
		if (answer.help_telephone) this.helpTelephone = answer.help_telephone;
		if (answer.site_name) this.siteName = answer.site_name;
	}
}

export const deployment = new Deployment();
