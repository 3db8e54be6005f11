import { recall, remember } from './preferences.svelte';

const telephoneKey = 'changqing.help_telephone';

/** What this installation says about itself; the build's constants until the server has answered. */
class Deployment {
	helpTelephone = $state(__HELP_TELEPHONE__);
	siteName = $state<string | null>(null);

	/** Asks the server. Until it has answered, what it said last time or the constants serve. */
	async load(): Promise<void> {
		this.helpTelephone = recall(telephoneKey) ?? this.helpTelephone;
		let response: Response;
		try {
			response = await fetch('/api/v1/deployment');
		} catch {
			return;
		}
		if (!response.ok) return;
		const answer = (await response.json()) as { help_telephone?: string; site_name?: string };
		if (answer.help_telephone) {
			this.helpTelephone = answer.help_telephone;
			remember(telephoneKey, answer.help_telephone);
		}
		if (answer.site_name) this.siteName = answer.site_name;
	}
}

export const deployment = new Deployment();
